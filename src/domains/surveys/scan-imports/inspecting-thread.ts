// Runs in a thread of its own: see `inspect-apart.ts`.

import { parentPort, workerData } from 'node:worker_threads'
import { PointCloudError } from '../point-clouds/point-cloud.ts'
import { inspect, type ScanFileHere } from './inspect.ts'
import type { Told } from './inspect-apart.ts'

/** Progress is told when it has moved so far. */
const leastProgress = 0.01

await work(workerData)

async function work(file: ScanFileHere): Promise<void> {
  let told = 0
  try {
    const inspected = await inspect(file, (share) => {
      if (share < told + leastProgress) return
      told = share
      tell({ share })
    })
    tell({ inspected })
  } catch (error) {
    if (!(error instanceof PointCloudError)) throw error
    tell({ unreadable: error.message })
  }
}

function tell(message: Told): void {
  parentPort?.postMessage(message)
}
