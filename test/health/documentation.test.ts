import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { metricNames } from '../../src/health/metrics.ts'
import { states } from '../../src/operations/index.ts'

const page = readFileSync('docs/metrics.md', 'utf8')
const rules = /```yaml\n(?<rules>.*?)```/su.exec(page)?.groups?.['rules'] ?? ''
const expressions = [
  ...rules.matchAll(/^ +expr: (?:>-\n(?<folded>(?: {10}.*\n)+)|(?<line>.*)\n)/gmu),
].map(({ groups }) => groups?.['folded'] ?? groups?.['line'] ?? '')

describe('docs/metrics.md', () => {
  test('has a row for every metric, in their order', () => {
    const rows = [...page.matchAll(/^\| `(?<name>backup_\w+)` \|/gmu)]
    expect(rows.map(({ groups }) => groups?.['name'])).toEqual(metricNames)
  })

  test('names every state', () => {
    for (const state of states) expect(page).toContain(`\`${state}\``)
  })

  test('has three rules, about metrics and states that there are', () => {
    expect(expressions).toHaveLength(3)
    for (const expression of expressions) {
      const names = expression.match(/\bbackup_\w+/gu) ?? []
      expect(names.length).toBeGreaterThan(0)
      expect(metricNames).toEqual(expect.arrayContaining(names))
      for (const [, state] of expression.matchAll(/state="([^"]*)"/gu)) {
        expect(states).toContain(state)
      }
    }
  })

  test('has rules with the limits that they are known for', () => {
    const [old, unverified, full] = expressions
    expect(old).toContain('time() - backup_last_success_timestamp_seconds > 26 * 3600')
    expect(unverified).toContain('time() - backup_last_verified_timestamp_seconds > 8 * 86400')
    expect(full).toMatch(/\bpredict_linear\(.*\[2d:10m\], 4 \* 86400\) < 0$/mu)
    // No first day, and no volume that is half free.
    expect(full).toContain('(backup_volume_free_bytes offset 1d) >= 0')
    expect(full).toContain('< 0.5 * max without (instance, pod) (backup_volume_size_bytes)')
    const template = readFileSync('openshift/templates/monitoring.yaml', 'utf8')
    expect(inOneLine(template.replaceAll('{service="${NAME}"}', ''))).toContain(
      inOneLine(full ?? 'no rule'),
    )
  })
})

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}

describe('the names of metrics', () => {
  test('follow the conventions of Prometheus', () => {
    for (const name of metricNames) {
      expect(name).toMatch(/^backup(?:_[a-z]+)+$/u)
      // Only counters end so, and these are all gauges.
      expect(name).not.toMatch(/_(?:total|count|sum)$/u)
    }
  })
})
