-- Ends the journal of a call and drops its alarm, whoever holds it.
-- KEYS     journal, due, held, fence
-- ARGV     call id, time to live (ms), then field, sealed value, ...
-- returns  1
for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
return 1
