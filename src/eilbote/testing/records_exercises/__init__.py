"""What everything that is kept beside the outbox must be able to do, one exercise for each rule of the ports."""
