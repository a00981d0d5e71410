-- Stores statuses, each once. Every webhook waits for it.
--
-- KEYS[1] deployments with untold statuses (a hash: where they are, by name)
-- KEYS[2] deployments by when the last group came that had new statuses of theirs (a zset; until `forget` sees that one
--         is ours)
-- KEYS[1 + 2n] of the n-th: the statuses of its deployment (a hash: facts by id; `<id>:telling`, after a 1 where it is
--         done, else a 0; `<id>:claims`, the key of what claims the same request; and `untold`, how many are not done)
-- KEYS[2 + 2n] our deployments of that id (a zset; there is none where it is not ours)
-- ARGV, eight of each: its id; its facts; the name of its deployment; where that is (repository, deployment, and claim if
--         any); when the status came, ms since 1970; its deployment's id; the key of what claims the same request (a zset:
--         `<id> <name>` by deployment), empty where it claims none; and its telling if its deployment is not ours, empty
--         where it has to be told all the same
-- Result: a number of each: 1 where it is new, and 2 more where it is done because its deployment is not ours
local results = {}
-- By the name of a deployment, since several statuses of one come at once: whether it is ours, and that it has arrived.
local known, arrived = {}, {}
for n = 1, (#KEYS - 2) / 2 do
  local statuses, ours = KEYS[1 + 2 * n], KEYS[2 + 2 * n]
  local id, facts, name, place, came, deployment, claims, done = unpack(ARGV, 8 * n - 7, 8 * n)
  if done ~= '' and known[name] == nil then known[name] = redis.call('EXISTS', ours) == 1 end
  local isStrangers = done ~= '' and not known[name]
  local isNew = redis.call('HSETNX', statuses, id, facts)
  results[n] = isNew + (isStrangers and 2 or 0)
  if isNew == 1 then
    if not arrived[name] then redis.call('ZADD', KEYS[2], came, name) end
    arrived[name] = true
    if isStrangers then
      redis.call('HSET', statuses, id .. ':telling', '1' .. done)
    else
      redis.call('HINCRBY', statuses, 'untold', 1)
      redis.call(claims == '' and 'HSETNX' or 'HSET', KEYS[1], name, place)
      if claims ~= '' then
        redis.call('HSET', statuses, id .. ':claims', claims)
        redis.call('ZADD', claims, deployment, id .. ' ' .. name)
      end
    end
  end
end
return results
