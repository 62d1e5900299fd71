-- wrk: sends the requests of a file, one after the other, and tells what became of them as one line of JSON.
local requests, at, failed = {}, 0, 0
local threads = {}

function setup(thread) table.insert(threads, thread) end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for text in string.gmatch(file:read("*a"), "([^%z]+)%z") do requests[#requests + 1] = text end
  file:close()
  failures = 0
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- GraphQL answers what failed with 200, too. That one may not see it is an answer.
function response(status, headers, body)
  local refused = string.find(string.sub(body, 1, 12), '"errors"', 1, true) and not string.find(body, '"NOT_FOUND"', 1, true)
  if status ~= 200 or refused then
    failures = failures + 1
    if failures == 1 then io.stderr:write(status, " ", string.sub(body, 1, 300), "\n") end
  end
end

function done(summary, latency)
  local failures = 0
  for _, thread in ipairs(threads) do failures = failures + thread:get("failures") end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"bytes":%d,"failures":%d,"broken":%d,"p50":%d,"p95":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes, failures, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
