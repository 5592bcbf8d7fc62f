DROP TABLE changes_head;
DROP TABLE changes;
DROP FUNCTION changes_are_kept;
