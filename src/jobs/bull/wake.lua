--[[
  A job is wanted: remembers when, unless it is wanted earlier already, and says which ticket the queue must have for it.

    KEYS[1]  the job: `due` (ms since 1970; missing while it runs and nobody has woken it since), `ticket`, `run` (while
             it runs), `attempt` (begun in a row without a good end). Missing when there is nothing to do.

    ARGV[1]  when it is wanted, ms since 1970
    ARGV[2]  now
    ARGV[3]  the id of a ticket that was never used, in case a new one is needed
    ARGV[4]  what the keys of the queue's tickets begin with

  Result: nothing where the queue has all that is needed, or
    [1] the ticket that must be added, unless it is there
    [2] for when
    [3] the ticket whose place it takes, if any
]]
local due, ticket, run = unpack(redis.call('HMGET', KEYS[1], 'due', 'ticket', 'run'))
local wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2])

local function asLongAsItIsThere(at)
  -- Whoever made it may have died before adding it.
  if redis.call('EXISTS', ARGV[4] .. ticket) == 1 then
    return {}
  end
  return { ticket, at }
end

if run then
  -- The end of the run sees it; if its process dies, the ticket comes up again.
  if not due or wanted < tonumber(due) then
    redis.call('HSET', KEYS[1], 'due', ARGV[1])
  end
  return asLongAsItIsThere(ARGV[2])
end

if due and tonumber(due) <= math.max(wanted, now) then
  return asLongAsItIsThere(due)
end

redis.call('HSET', KEYS[1], 'due', ARGV[1], 'ticket', ARGV[3])
return { ARGV[3], ARGV[1], ticket }
