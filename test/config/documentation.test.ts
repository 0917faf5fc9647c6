import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { settingsMarkdown, variablesHelp } from '../../src/config/index.ts'
import { retaining } from '../../src/config/settings-for-retention.ts'
import { settingsTable } from '../../src/config/settings-table.ts'
import { read } from './read.ts'

const page = readFileSync('docs/configuration.md', 'utf8')
const examples = readdirSync('config').filter((name) => name.endsWith('.conf'))

describe('docs/configuration.md', () => {
  test('is what the settings table says', () => {
    expect(page).toBe(settingsMarkdown())
  })

  test.each([...page.matchAll(/```conf\n(?<example>.*?)```/gsu)].map((match) => match[1] ?? ''))(
    'has an example that is understood without a warning (%#)',
    async (example) => {
      expect((await read({}, { 'backup.conf': example })).warnings).toStrictEqual([])
    },
  )
})

describe('docs/retention.md', () => {
  const retention = readFileSync('docs/retention.md', 'utf8')

  test.each(Object.keys(retaining))('names %s', (variable) => {
    expect(retention).toContain(`\`${variable}\``)
  })

  test.each(
    [...retention.matchAll(/```conf\n(?<example>.*?)```/gsu)].map((match) => match[1] ?? ''),
  )('has an example that is understood without a warning (%#)', async (example) => {
    expect((await read({}, { 'backup.conf': example })).warnings).toStrictEqual([])
  })

  test.each(
    [...retention.matchAll(/^(?<variables>[A-Z_]+=.*?)(?: +#.*)?$/gmu)].map(
      (match) => match[1] ?? '',
    ),
  )('has an example that needs no warning: %s', async (line) => {
    const words = line.matchAll(/(?<name>[A-Z_]+)=(?:"(?<quoted>[^"]*)"|(?<plain>\S+))/gu)
    const environment = Object.fromEntries(
      [...words].map(({ groups }) => [groups?.['name'], groups?.['quoted'] ?? groups?.['plain']]),
    )
    expect((await read(environment)).warnings).toStrictEqual([])
  })
})

describe('the examples in config/', () => {
  test.each(examples)('%s is understood, and only other engines are skipped', async (name) => {
    const text = readFileSync(`config/${name}`, 'utf8')

    const { databases, schedule, warnings } = await read({}, { 'backup.conf': text })

    expect(databases).not.toHaveLength(0)
    expect(schedule).not.toHaveLength(0)
    expect(warnings.filter((warning) => !warning.includes('Skipped, '))).toStrictEqual([])
  })
})

describe('the variables of --help', () => {
  test.each(Object.keys(settingsTable))('have %s', (variable) => {
    expect(variablesHelp()).toContain(`\n  ${variable}`)
  })

  test('fit a line each on a screen of 100 columns', () => {
    const lines = variablesHelp().split('\n')

    expect(lines.filter((line) => line.length > 100)).toStrictEqual([])
    expect(lines.filter((line) => line.startsWith('   '))).toStrictEqual([])
  })
})
