/**
 * For HEALTHCHECK: ends with 0 unless the service of this container should serve /healthz and does
 * not. With HTTP_PORT=0 it serves nothing, and a single run (-1, -v ...) never does.
 */
import { readdirSync, readFileSync } from 'node:fs'

const { HTTP_PORT, HTTP_HOST } = process.env
const port = HTTP_PORT || '8080'
const patienceMs = 5_000

if (Number(port) !== 0 && serviceRuns()) {
  const address = new URL(`http://${hostInAddress(HTTP_HOST || '127.0.0.1')}:${port}/healthz`)
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(patienceMs) })
    const text = await answer.text()
    if (!answer.ok) complain(text.trim())
  } catch (error) {
    complain(`${address} does not answer: ${error.cause?.message ?? error.message}`)
  }
}

/** The program without flags. */
function serviceRuns() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .some((pid) => /\0[^\0]*\/dist\/main\.js\0$/u.test(commandLine(pid)))
}

/** Empty when the process has just ended. */
function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function hostInAddress(host) {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

function complain(text) {
  console.error(text)
  process.exitCode = 1
}
