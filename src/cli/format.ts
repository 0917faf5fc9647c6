/** Figures are written the same on every face. */
export {
  ageText,
  duSize,
  elapsedText,
  headOf,
  minuteText,
  padColumns,
  prettySize,
  secondText,
  tailOf,
  textWidth,
  two,
} from '../model/index.ts'
