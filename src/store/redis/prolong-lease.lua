-- Prolongs a lease that is still held.
--
-- KEYS[1] the lease (a string: its token)
-- ARGV[1] the holder's token
-- ARGV[2] how long it lasts from now, ms
-- Result: 1 prolonged, 0 it is not held any more
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
