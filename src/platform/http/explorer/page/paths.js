// Paths of ready queries into an answer: `me.user.deeds[measure=SCALE].scale.values.-1.id`.

/** The value at the end of the path, or null where the way there stops. In a list, a negative number counts from its end. */
export function valueAt(answer, path) {
  const steps = path.match(/[^.[\]]+(?==)|=[^\]]+|[^.[\]=]+/g) ?? []
  let value = answer
  for (let index = 0; index < steps.length && value != null; index += 1) {
    const step = steps[index]
    const wanted = steps[index + 1]
    if (wanted?.startsWith('=')) {
      value = Array.isArray(value) ? value.find((item) => String(item?.[step]) === wanted.slice(1)) : null
      index += 1
    } else {
      value = Array.isArray(value) ? value.at(Number(step)) : value[step]
    }
  }
  return value ?? null
}

const needed = {
  POSTGIS:
    'This needs PostGIS, which the database does not have. Whoever runs this service: "npm run kitaab -- doctor" says what to do.',
}

/** The variables of a ready query for whoever gave this answer, and what to tell them: what the server lacks, else about those that have no value. */
export function variablesFor(readyQuery, answer) {
  const values = {}
  const features = answer?.serverInfo?.features ?? []
  const isLacking = readyQuery.needs && !features.includes(readyQuery.needs)
  const missing = isLacking ? [needed[readyQuery.needs]] : []
  for (const [variable, path] of Object.entries(readyQuery.variables)) {
    values[variable] = valueAt(answer, path)
    if (values[variable] === null && !isLacking && readyQuery.without[variable])
      missing.push(readyQuery.without[variable])
  }
  return { values, missing }
}
