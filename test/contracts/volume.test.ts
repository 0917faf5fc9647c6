import { onTestFinished } from 'vitest'
import { openVolume } from '../../src/stores/index.ts'
import { temporaryFolder } from '../support/volume.ts'
import { describeStore } from './store.contract.ts'

describeStore('volume', async () => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  return openVolume(folder.join('not-made-yet'), { modes: { file: 0o600, folder: 0o700 } })
})
