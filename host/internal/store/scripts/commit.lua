-- Writes a step of an order if its version is still the one that was read.
-- KEYS     one step, see step.lua
-- ARGV     one step, see step.lua
-- returns  {done, seq, healing}; {known, answer record}; {moved}; {gone} if there is no
--          such order; {gap} if the events do not follow those that are there
local s = read_step()
return refuse_step(s) or write_step(s)
