"""What every outbox store must be able to do, one exercise for each rule of :mod:`eilbote.outbox.store`."""
