/**
 * Runs dependency-cruiser over src/ and fails when a floor rule is broken, or when it saw fewer
 * modules than src/ has files: with a TypeScript that it cannot read it reports "no violations".
 */
import { readdirSync } from 'node:fs'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import ruleSet from '../../.dependency-cruiser.mjs'

const { output } = await cruise(
  ['src'],
  { ...ruleSet.options, ruleSet: { forbidden: ruleSet.forbidden }, validate: true },
  undefined,
  { tsConfig: extractTSConfig('tsconfig.json') },
)

const { violations } = output.summary
for (const { rule, from, to } of violations) {
  const { comment } = ruleSet.forbidden.find(({ name }) => name === rule.name)
  console.error(`${from} -> ${to}\n    ${rule.name}: ${comment}`)
}

const seen = output.modules.filter(({ source }) => source.startsWith('src/')).length
const files = readdirSync('src', { recursive: true }).filter((name) => /\.tsx?$/u.test(name)).length
if (seen < files) console.error(`Only ${seen} of ${files} files in src/ were checked.`)
if (violations.length > 0 || seen < files) process.exit(1)
console.log(`floors: ${seen} modules, no import goes up or across`)
