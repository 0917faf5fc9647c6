import { onTestFinished } from 'vitest'
import { emptyRepository } from '../support/restic.ts'
import { describeStore } from './store.contract.ts'

// test/stores/restic.test.ts lists more than 1 000.
describeStore(
  'restic',
  async () => {
    const repository = await emptyRepository()
    onTestFinished(() => repository[Symbol.asyncDispose]())
    return repository.open()
  },
  { many: 6 },
)
