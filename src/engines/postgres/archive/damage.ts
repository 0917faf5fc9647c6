/** The bytes of an archive are not what a whole archive has; becomes a Refusal at the door. */
export class Damage extends Error {
  override readonly name = 'Damage'
}
