-- Goes before a write by somebody who holds a lease: refuses it when the lease is lost, else prolongs the lease.
--
-- KEYS[last]          the lease (a string: its token)
-- ARGV[last but one]  the holder's token
-- ARGV[last]          how long it lasts from now, ms
-- Error: LEASELOST
if redis.call('GET', KEYS[#KEYS]) ~= ARGV[#ARGV - 1] then
  return redis.error_reply('LEASELOST Somebody else may have the lease.')
end
redis.call('PEXPIRE', KEYS[#KEYS], ARGV[#ARGV])
