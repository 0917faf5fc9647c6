/** How long each part of a load took, in the order of their beginnings. */
export class Phases {
  readonly #all: { readonly name: string; ms: number }[] = []
  #began = performance.now()

  /** What follows belongs to this part. */
  begin(name: string): void {
    if (this.#all.at(-1)?.name === name) return
    this.#close()
    this.#all.push({ name, ms: 0 })
  }

  all(): readonly { readonly name: string; readonly ms: number }[] {
    this.#close()
    return this.#all
  }

  #close(): void {
    const now = performance.now()
    const last = this.#all.at(-1)
    if (last !== undefined) last.ms += now - this.#began
    this.#began = now
  }
}
