-- Keeps an orphan, once, and lets go of those whose time is over.
-- KEYS     orphans by id, times by id
-- ARGV     id, sealed orphan, now (ms), since when they are kept (ms), time to live (ms)
-- returns  1 kept, 0 it was there
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])) do
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
local new = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if new == 1 then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return new
