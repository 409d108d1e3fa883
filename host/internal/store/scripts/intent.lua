-- Writes an intent into a journal if it is absent, with other fields, and
-- has the alarm of an account's call ring. An intent is sealed with a random
-- nonce: the same bytes are the same attempt, whose reply was lost.
-- KEYS     journal, due
-- ARGV     call id, field of the intent, its sealed value, time of the alarm
--          (ms) or '', then field, sealed value, ...
-- returns  1 written, 0 the intent is another's
local was = redis.call('HGET', KEYS[1], ARGV[2])
if was then return was == ARGV[3] and 1 or 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PERSIST', KEYS[1])
if ARGV[4] ~= '' then redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
return 1
