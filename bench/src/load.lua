-- What wrk sends, by its arguments after the address:
--   get TOKEN       the same request with this bearer token, again and again
--   post TOKEN BODY the same request with this bearer token and JSON body, again and again
--   refresh FILE    POST with a refresh token, at first from FILE (a line a thread), then always the one just given;
--                   a thread has to have one connection alone
-- The last line printed is `figures` with: requests, microseconds, p50, p99 and greatest latency in microseconds,
-- failed requests.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  if args[1] == "get" then
    wrk.headers["Authorization"] = "Bearer " .. args[2]
    return
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if args[1] == "post" then
    wrk.headers["Authorization"] = "Bearer " .. args[2]
    wrk.body = args[3]
    return
  end
  local tokens = {}
  for line in io.lines(args[2]) do tokens[#tokens + 1] = line end
  local token = tokens[number + 1]
  request = function()
    return wrk.format(nil, nil, nil, '{"refresh_token":"' .. token .. '"}')
  end
  response = function(status, headers, body)
    token = body:match('"refresh_token"%s*:%s*"([^"]+)"') or token
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max,
    e.connect + e.read + e.write + e.status + e.timeout))
end
