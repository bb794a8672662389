"""When people work: working days, order times and the deadlines that follow from them."""
