-- Here an insertion that replaces is an update, which is refused already.
SELECT 1;
