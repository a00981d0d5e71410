-- Stores statuses, each once. Every webhook waits for it: what all of a group share is said once.
--
-- KEYS[1] deployments with untold statuses (a hash: the facts of one of its statuses, which say where they are, by name;
--         of one that claims a request, if any does)
-- KEYS[2] deployments by when the last group came that had new statuses of theirs (a zset; until `forget` sees that one
--         is ours)
-- ARGV[1] what the keys of statuses begin with; the name of their deployment follows (a hash: facts by id;
--         `<id>:telling`, after a 1 where it is done, else a 0; `<id>:claims`, the key of what claims the same request; and
--         `untold`, how many are not done)
-- ARGV[2] what the keys of our deployments by id begin with; the name follows (a zset; there is none where it is not ours)
-- ARGV[3] when the newest of the group came, ms since 1970
-- ARGV[4] the telling of a status that nobody is to be told of
-- ARGV[5 …], five of each: its id; its facts; the name of its deployment, which begins with that one's id and a colon; the
--         key of what claims the same request (a zset: `<id> <name>` by deployment), empty where it claims none; and 1
--         where nobody is to be told of it if its deployment is not ours, else 0
-- Result: a number of each: 1 where it is new, and 2 more where it is done because its deployment is not ours
local results = {}
-- By the name of a deployment, since several statuses of one come at once: whether it is ours, and that it has arrived.
local known, arrived = {}, {}
for at = 5, #ARGV, 5 do
  local id, facts, name, claims, isNobodys = unpack(ARGV, at, at + 4)
  local statuses = ARGV[1] .. name
  if isNobodys == '1' and known[name] == nil then known[name] = redis.call('EXISTS', ARGV[2] .. name) == 1 end
  local isStrangers = isNobodys == '1' and not known[name]
  local isNew = redis.call('HSETNX', statuses, id, facts)
  results[#results + 1] = isNew + (isStrangers and 2 or 0)
  if isNew == 1 then
    if not arrived[name] then redis.call('ZADD', KEYS[2], ARGV[3], name) end
    arrived[name] = true
    if isStrangers then
      redis.call('HSET', statuses, id .. ':telling', '1' .. ARGV[4])
    else
      redis.call('HINCRBY', statuses, 'untold', 1)
      redis.call(claims == '' and 'HSETNX' or 'HSET', KEYS[1], name, facts)
      if claims ~= '' then
        redis.call('HSET', statuses, id .. ':claims', claims)
        redis.call('ZADD', claims, string.match(name, '^%d+'), id .. ' ' .. name)
      end
    end
  end
end
return results
