/** A small file as it was read: its text, or why there is none to be had, in words. */
export type Reading = { readonly text: string } | { readonly problem: string }

/**
 * Where our own small files are: manifests, documents of runs, and what else we know. Paths are
 * relative, with `/`. What the user can put right is a Refusal, or an error of the file system with
 * its `code`.
 */
export interface Records {
  /** Where one is, in words for people. */
  label(path: string): string
  /**
   * Names of the files straight in a folder, in no order; none when it is not there. There may be
   * other names among them, as of folders.
   */
  names(folder: string): Promise<readonly string[]>
  /** The same for the folders in it. */
  folders(folder: string): Promise<readonly string[]>
  /** null: it is not there. */
  read(path: string): Promise<Reading | null>
  /** The same for many; those that are not there are left out. */
  readMany(paths: readonly string[]): AsyncIterable<readonly [path: string, reading: Reading]>
  /** Creates or replaces one; it is durable when this settles. On failure the old one stays. */
  write(path: string, text: string): Promise<void>
  /** One that is not there is no error. */
  remove(path: string): Promise<void>
  /**
   * What removals in a folder leave to be done: nothing of it comes back, no half stays.
   * @param mayGo whether the folder itself may go when it is empty: nobody will write there again.
   */
  tidy(folder: string, options: { readonly mayGo: boolean }): Promise<void>
  /** The signs in one folder. */
  signs(folder: string): Signs
}

/** Says to other processes what is in use. A sign falls with the process that holds it. */
export interface Signs {
  /** Holds a sign until the result is disposed of; any number may be held for the same thing. */
  hold(what: string): Promise<AsyncDisposable>
  /** What is in use. */
  read(): Promise<ReadonlySet<string>>
}
