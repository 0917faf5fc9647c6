import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Client, type FTPContext, FTPError, type FTPResponse } from 'basic-ftp'
import {
  connectForPassiveTransfer,
  enterPassiveModeIPv6,
  parsePasvResponse,
} from 'basic-ftp/dist/transfer.js'

/** Thrown before any byte of the rest is read: this server takes files from their start only. */
export class CannotResume extends Error {
  override readonly name = 'CannotResume'
}

/** One control connection. Does one thing at a time. */
export class FtpClient extends Client {
  #restartAt = 0
  #hasEpsv = true
  #secured: Promise<void> = Promise.resolve()

  constructor(timeoutMs: number) {
    super(timeoutMs)
    this.prepareTransfer = (ftp) => this.#prepare(ftp)
  }

  /**
   * Writes a file from the byte `start` on. Not by APPE: a session that was cut off may still be
   * writing what it had received, and then the end of the file is no place to count on.
   */
  async store(bytes: AsyncIterable<Uint8Array>, path: string, start: number): Promise<void> {
    this.#restartAt = start
    try {
      await this.uploadFrom(Readable.from(this.#endingSecurely(bytes)), path)
    } finally {
      this.#restartAt = 0
    }
  }

  /**
   * The library begins to send before TLS is agreed on. Data waits until then, but an end does not:
   * the server would see a connection that breaks off, and vsftpd ends itself over that.
   */
  async *#endingSecurely(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* bytes
    await this.#secured
  }

  async #prepare(ftp: FTPContext): Promise<FTPResponse> {
    const answer = await this.#enterPassiveMode(ftp)
    this.#secured = securedOrClosed(ftp.dataSocket)
    if (this.#restartAt > 0) await restart(ftp, this.#restartAt)
    return answer
  }

  async #enterPassiveMode(ftp: FTPContext): Promise<FTPResponse> {
    if (this.#hasEpsv) {
      try {
        return await enterPassiveModeIPv6(ftp)
      } catch (error) {
        if (!(error instanceof FTPError) || error.code < 500) throw error
        this.#hasEpsv = false
      }
    }
    return await enterOldPassiveMode(ftp)
  }
}

async function securedOrClosed(socket: Socket | undefined): Promise<void> {
  if (!(socket instanceof TLSSocket)) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('secureConnect', resolve).once('close', resolve)
  await promise
}

/** Behind NAT the address in the answer is one that only the server can reach; its port is right. */
async function enterOldPassiveMode(ftp: FTPContext): Promise<FTPResponse> {
  const answer = await ftp.request('PASV')
  const { port } = parsePasvResponse(answer.message)
  const host = ftp.socket.remoteAddress
  if (host === undefined) throw new Error('Server closed connection')
  await connectForPassiveTransfer(host, port, ftp)
  return answer
}

async function restart(ftp: FTPContext, at: number): Promise<void> {
  try {
    await ftp.request(`REST ${at}`)
  } catch (error) {
    if (!(error instanceof FTPError) || error.code < 500) throw error
    throw new CannotResume(error.message, { cause: error })
  }
}
