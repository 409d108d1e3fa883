-- Writes a record in place of the one that was read.
-- KEYS     records of a kind: plugins, shops
-- ARGV     its name, the version that was read (0: none), record, sealed
-- returns  1 written, or written before by the same command, 0 changed meanwhile
local is = redis.call('HGET', KEYS[1], 'v:' .. ARGV[1]) or '0'
local after = string.format('%d', ARGV[2] + 1)
if is == after and redis.call('HGET', KEYS[1], 'd:' .. ARGV[1]) == ARGV[3] then return 1 end
if is ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'v:' .. ARGV[1], after, 'd:' .. ARGV[1], ARGV[3])
redis.call('HINCRBY', KEYS[1], 'rev', 1)
return 1
