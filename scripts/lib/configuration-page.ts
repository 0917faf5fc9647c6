/** Prints docs/configuration.md as the settings table says it. `npm run docs` writes it. */
import { settingsMarkdown } from '../../src/config/index.ts'

process.stdout.write(settingsMarkdown())
