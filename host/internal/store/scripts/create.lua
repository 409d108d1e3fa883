-- Writes a new order, unless its claim is known or its reference is taken.
-- KEYS     one step, see step.lua
-- ARGV     one step, see step.lua
-- returns  {done, seq, healing}; {known, answer record}; {taken, reference record};
--          {moved} or {gap} if the order is there already; {full}
local s = read_step()
local refused = refuse_step(s)
if refused and refused[1] ~= 'moved' then return refused end
local was = redis.call('GET', s.ref)
local status = was and string.match(was, '^%S+ %S+ (%S+)')
if status and status ~= 'cancelled' and status ~= 'expired' then return { 'taken', was } end
if refused then return refused end
if is_full() then return { 'full' } end
return write_step(s)
