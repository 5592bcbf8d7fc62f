DROP TABLE personal_data_reads;
DROP FUNCTION personal_data_reads_are_kept;
