/** Figures are written the same on every face. */
export { ageText, duSize, elapsedText, minuteText, prettySize, two } from '../model/index.ts'
