"""One recorded run again: the driver, stepping from event to event, the debugger."""
