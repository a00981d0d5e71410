-- Lets others have a lease.
--
-- KEYS[1] the lease (a string: its token)
-- ARGV[1] the holder's token
-- Result: 1 released, 0 it was not held any more
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
