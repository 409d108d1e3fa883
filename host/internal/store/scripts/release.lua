-- Gives a lease back, if the holder has it.
-- KEYS     lease
-- ARGV     holder
-- returns  1 given back, 0 it was not the holder's
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
