-- Keeps when a command was about to change something, if it has not ended. The first time counts.
--
-- KEYS[1] the command (a hash)
-- ARGV[1] when, ISO 8601
-- Result: 1 kept, 0 it has ended or begun before
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'begun', ARGV[1])
