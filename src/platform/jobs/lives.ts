import type pg from 'pg'

// A worker that is killed leaves its jobs locked. So each holds a lock of the database as long as it lives: that falls with its session,
// however the process ends. Who sees jobs in the hands of somebody without one, three times in a row, puts them back: a worker
// whose session alone was cut has taken its lock anew by then.

const looksUntilCertain = 3

const lockOf = (id: string) => `hashtextextended(${id}, 4826)`

/** Whose jobs are locked while nobody by that name lives. */
const deadHolders = `
  select held.locked_by as id
  from (
    select locked_by from graphile_worker._private_jobs where locked_by is not null
    union select locked_by from graphile_worker._private_job_queues where locked_by is not null
  ) as held
  where not exists (
    select from pg_locks
    where locktype = 'advisory' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and ((classid::bigint << 32) | objid::bigint) = ${lockOf('held.locked_by')}
  )`

/** The sign of life of the worker `id`, and its look for the dead. */
export interface Life {
  /** Makes sure that the sign is there, and frees the jobs of those who had none at the last two looks either. Answers whose. */
  look(): Promise<string[]>
  end(): void
}

export function beginLife(pool: pg.Pool, id: string): Life {
  const sign = makeSign(pool, id)
  let missed: ReadonlyMap<string, number> = new Map()
  return {
    async look() {
      await sign.hold()
      const { rows } = await pool.query<{ id: string }>(deadHolders)
      missed = new Map(rows.map((dead) => [dead.id, (missed.get(dead.id) ?? 0) + 1]))
      const certain = [...missed].filter(([, looks]) => looks >= looksUntilCertain).map(([dead]) => dead)
      if (certain.length > 0) await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [certain])
      return certain
    },
    end: sign.drop,
  }
}

/** A lock that a session of its own holds, and takes again when that was cut. */
function makeSign(pool: pg.Pool, id: string) {
  let holder: pg.PoolClient | null = null
  const drop = () => {
    const held = holder
    holder = null
    held?.off('error', drop)
    held?.release(true)
  }
  return {
    async hold() {
      if (holder !== null) return
      holder = await pool.connect()
      holder.on('error', drop)
      await holder.query(`select pg_advisory_lock(${lockOf('$1')})`, [id]).catch((error) => {
        drop()
        throw error
      })
    },
    drop,
  }
}
