DROP TABLE changes_head;
DROP TABLE changes;
