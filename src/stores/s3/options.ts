import type { Clock, Secret } from '../../model/index.ts'

export interface S3Credentials {
  readonly user: string
  readonly password: Secret
  /** Of temporary credentials. */
  readonly sessionToken: Secret | null
}

/** Where an object store is, and how objects are to be kept there. */
export interface S3Options {
  /** With its scheme; null: Amazon's own, by the region. */
  readonly endpoint: string | null
  readonly bucket: string
  /** Keys begin with it and a `/`; empty: a key is the path. No `/` at its ends. */
  readonly prefix: string
  /** null: what the endpoint takes, or for Amazon what the SDK finds. */
  readonly region: string | null
  /** null: what the SDK finds: its profile files, the role of the pod or machine. */
  readonly credentials: S3Credentials | null
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly pathStyle: boolean
  /** PEM file of the certificate authorities that count instead of the public ones. */
  readonly caFile: string | null
  readonly encryption: S3Encryption | null
  readonly storageClass: string | null
  readonly tags: readonly (readonly [key: string, value: string])[]
  /** So long a server may say nothing and take nothing before it counts as lost. */
  readonly timeoutSeconds: number
  /** Default: the system's. */
  readonly clock?: Clock
}

/** By the server, with keys of its own or of its key management. */
export interface S3Encryption {
  readonly algorithm: 'AES256' | 'aws:kms'
  /** null: the key management's default. */
  readonly keyId: string | null
}
