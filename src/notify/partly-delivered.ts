import { Refusal } from '../model/index.ts'

/** Some have the notice, and others were refused: another delivery would tell the former twice. */
export class PartlyDelivered extends Refusal {}
