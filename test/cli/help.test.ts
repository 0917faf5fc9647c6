import { describe, expect, test } from 'vitest'
import { flags } from '../../src/cli/flags.ts'
import { helpText } from '../../src/cli/index.ts'
import { variablesHelp } from '../../src/config/index.ts'
import { settingsTable } from '../../src/config/settings-table.ts'

const help = helpText(variablesHelp())

describe('the help', () => {
  test.each(Object.values(flags).map((flag) => [flag.long, flag] as const))(
    'tells what --%s does',
    (long, flag) => {
      const letter = 'letter' in flag ? `-${flag.letter}, ` : '    '
      const line = help.split('\n').find((row) => row.startsWith(`  ${letter}--${long}`))

      expect(flag.about).not.toBe('')
      expect(line?.endsWith(flag.about)).toBe(true)
    },
  )

  test.each(Object.keys(settingsTable))('names the variable %s', (variable) => {
    expect(help).toMatch(new RegExp(`^ *${variable}\\*? `, 'mu'))
  })

  test('tells the exit statuses', () => {
    for (const status of ['0', '1', '2', '3', '70', '130, 143']) {
      expect(help).toMatch(new RegExp(`^ {2}${status} +[a-z]`, 'mu'))
    }
  })

  test('fits into 100 columns', () => {
    const lines = help.split('\n')

    expect(lines.filter((line) => line.length > 100)).toStrictEqual([])
    expect(lines.filter((line) => line !== line.trimEnd())).toStrictEqual([])
  })
})
