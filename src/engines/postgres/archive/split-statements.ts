import { Lexer } from './lexer.ts'

/** The statements of a small script, as psql would send them; its own commands are left out. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  const lexer = new Lexer({
    comment: () => undefined,
    statement: (text) => {
      statements.push(text)
      return false
    },
    psqlCommand: () => undefined,
  })
  lexer.read({ chunk: Buffer.from(sql), base: 0, isLast: true }, 0)
  return statements
}
