-- Takes a lease, or renews the holder's own. A create's key is held by its
-- body.
-- KEYS     lease
-- ARGV     holder, for how long (ms)
-- returns  1 taken or renewed, 0 another has it
local was = redis.call('GET', KEYS[1])
if was and was ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
