import type { S3Client } from '@aws-sdk/client-s3'
import { ObjectsUnavailable } from './objects.ts'

/** A service that speaks S3, and who this one is there. */
export interface S3Service {
  readonly endpoint: URL
  readonly region: string
  /** Is the bucket the first word of the path, instead of the first of the host's name? */
  readonly pathStyle: boolean
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The commands of S3, and a client of one service. */
export type S3 = Awaited<ReturnType<typeof load>> & { readonly client: S3Client }

/** Loaded when the first object is asked for: most installations have a folder. */
async function load() {
  const [commands, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')])
  return { ...commands, Upload }
}

const connectMs = 5_000
/** Of a connection on which nothing moves. */
const idleMs = 60_000
/** Whoever reads slowly holds one. */
const maxSockets = 500
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/**
 * All that the client would look for elsewhere (files in the home, the environment, a service of the machine's landlord) is said here.
 * Checksums are sent only where S3 has always asked for them: what else speaks S3 often does not know the newer ones.
 */
export async function openS3(service: S3Service): Promise<S3> {
  const loaded = await load()
  const { endpoint, region, pathStyle, accessKeyId, secretAccessKey } = service
  const client = new loaded.S3Client({
    endpoint: endpoint.href,
    region,
    forcePathStyle: pathStyle,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    defaultsMode: 'standard',
    retryMode: 'standard',
    maxAttempts: 3,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'kitaab',
    logger: silent,
    requestHandler: {
      connectionTimeout: connectMs,
      socketTimeout: idleMs,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
  })
  return { ...loaded, client }
}

interface ServiceError {
  readonly name: string
  /** Of what failed below HTTP. */
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/** What the service called the failure: `NoSuchKey`; HTTP's answer to HEAD has only its status, which is `NotFound`. */
export function nameOf(error: unknown): string {
  return (error as ServiceError).name
}

/**
 * What is told of a failure at the service: its name, and the status or what happened on the way. The client's own error holds the
 * request, and in it who we are.
 */
export function serviceFailure(error: unknown, { endpoint }: S3Service, doing: string): ObjectsUnavailable {
  const { code, $metadata: { httpStatusCode, requestId } = {} } = error as ServiceError
  const answer = httpStatusCode === undefined ? (code ?? nameOf(error)) : `${httpStatusCode} ${nameOf(error)}`
  const request = requestId === undefined ? '' : ` (its request ${requestId})`
  return new ObjectsUnavailable(`${endpoint.host} could not ${doing}: ${answer}${request}.`)
}
