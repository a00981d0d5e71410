-- Adds a line to a deployment's notes, once for each key.
--
-- KEYS[1] its notes (a hash: place in the order, a blank, and the line, by key)
-- ARGV[1] the note's key
-- ARGV[2] the line
-- Result: 1 added, 0 a note of that key is there
return redis.call('HSETNX', KEYS[1], ARGV[1], redis.call('HLEN', KEYS[1]) .. ' ' .. ARGV[2])
