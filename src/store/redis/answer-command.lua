-- Keeps what a command's run had to say, if it has not ended.
--
-- KEYS[1] the command (a hash)
-- ARGV[1] its answers
-- Result: 1 kept, 0 it has ended
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'answers', ARGV[1])
return 1
