"""Events and their deliveries: rows written with the change that caused them, sent until somebody has them.

effect       a change of a message -> the rows of its event and of its deliveries (pure)
endpoints    who listens, in memory
retry        when to try again, as a table
lane         one receiver: its queue, its breaker, its pace (no I/O)
deliverer    the lanes of this process, fed by commits and by rows; writes what became of each delivery
sink         the contract with what carries a delivery away (webhooks/ has the HTTP one)
urls, addresses   where deliveries may go
"""
