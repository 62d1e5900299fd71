// Runs in a thread of its own: see `calculate-apart.ts`.

import { parentPort, workerData } from 'node:worker_threads'
import { GraphQLError } from 'graphql'
import { PointCloudError } from '../point-clouds/point-cloud.ts'
import { UnfitPoints } from '../rules/points.ts'
import { calculate } from './calculate.ts'
import type { Calculating, Told } from './calculate-apart.ts'

/** Progress is told when it has moved so far. */
const leastProgress = 0.01

await work(workerData)

async function work({ measure, files }: Calculating): Promise<void> {
  let told = 0
  const onProgress = (share: number) => {
    if (share < told + leastProgress) return
    told = share
    tell({ share })
  }
  try {
    tell({ answer: await calculate(measure, files, onProgress) })
  } catch (error) {
    const forPeople = error instanceof PointCloudError || error instanceof UnfitPoints || error instanceof GraphQLError
    if (!forPeople) throw error
    tell({ unfit: error.message })
  }
}

function tell(message: Told) {
  parentPort?.postMessage(message)
}
