-- Stores a command, once for each key.
--
-- KEYS[1] the command's key (a string: the id that has it)
-- KEYS[2] the command (a hash)
-- KEYS[3] unfinished commands (a zset: id by arrival)
-- KEYS[4] how many have arrived (a counter)
-- ARGV[1] its id
-- ARGV[2] its facts
-- ARGV[3] when it was given, ms since 1970
-- Result: 1 stored, 0 its key was here before
if not redis.call('SET', KEYS[1], ARGV[1], 'NX') then return 0 end
redis.call('HSET', KEYS[2], 'facts', ARGV[2], 'key', KEYS[1], 'at', ARGV[3])
redis.call('ZADD', KEYS[3], redis.call('INCR', KEYS[4]), ARGV[1])
return 1
